import { hash } from 'node:crypto';
import { extname } from 'node:path';
import type { Position } from '../issue.ts';
import type { Path } from '../path.ts';
import { referencesInEntries } from './entries.ts';
import type { Files } from './files.ts';
import { parseJson } from './json.ts';
import { lineMap } from './line-map.ts';
import { importConfig } from './module.ts';
import type { ParsedText } from './parsed-text.ts';
import { type YamlReader, yamlReader } from './yaml-pieces.ts';

/** A file of a configuration, as it is kept until the next load. */
export interface ParsedFile {
  readonly hash: string;
  readonly parsed: ParsedText;
  readonly referencePaths: readonly Path[];
  /** Knows the entries of this file. Goes with it. */
  readonly readYaml: YamlReader;
}

/** Reads and parses a file, or gives what was known of it before if it has not changed. Throws what reading throws, or `NotText`. */
export async function readParsed(
  absolute: string,
  files: Files,
  before: ParsedFile | undefined,
): Promise<ParsedFile> {
  const bytes = await files.read(absolute);
  const digest = hash('sha256', bytes);
  if (before?.hash === digest) return before;
  const readYaml = before?.readYaml ?? yamlReader();
  const parsed = await parse({ absolute, bytes, digest }, readYaml);
  const paths = mayRefer(absolute, bytes) ? referencesInEntries(parsed.value) : [];
  return { hash: digest, parsed, referencePaths: paths, readYaml };
}

/** Most files hold no reference. What is escaped may be one, and what a module exports may come from another. */
function mayRefer(absolute: string, bytes: Uint8Array): boolean {
  if (isModule(absolute)) return true;
  const { buffer, byteOffset, byteLength } = bytes;
  const text = Buffer.from(buffer, byteOffset, byteLength);
  return text.includes('${') || text.includes('\\');
}

interface Content {
  readonly absolute: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
}

async function parse({ absolute, bytes, digest }: Content, readYaml: YamlReader): Promise<ParsedText> {
  if (isModule(absolute)) return importConfig(absolute, digest);
  const text = decode(bytes);
  return extname(absolute) === '.json' ? parseJson(text) : readYaml(text);
}

/** A file that is not text. */
export class NotText extends Error {
  readonly position: Position;

  constructor(position: Position) {
    super('not UTF-8');
    this.position = position;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder('utf-8').decode(bytes);
    throw new NotText(lineMap(text)(text.indexOf('\ufffd')));
  }
}

function isModule(absolute: string): boolean {
  return /^\.[cm]?[jt]s$/.test(extname(absolute));
}
