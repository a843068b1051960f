import { hash } from 'node:crypto';
import { extname, resolve } from 'node:path';
import { compareIssues, type Draft, type Issue } from '../issue.ts';
import { disk, type Files, readProblem } from '../load/files.ts';
import { parseJson } from '../load/json.ts';
import { importConfig } from '../load/module.ts';
import type { ParsedText } from '../load/parsed-text.ts';
import { parseYaml } from '../load/yaml.ts';
import { type Path, pointerOf } from '../path.ts';
import { asJsonSchema } from '../schema/typebox.ts';
import { type Locate, START } from '../source/source.ts';
import { compile } from '../walk/compile.ts';
import { startWalk } from '../walk/walk.ts';
import { testSchema, type TestFile } from './schema.ts';

export { defineTests } from './define-tests.ts';
export type {
  Expectation,
  TestAnswer,
  TestCase,
  TestDocument,
  TestFile,
  TestStep,
  UpstreamExpectation,
} from './schema.ts';

/** A file of tests that was read. */
export interface ReadCases {
  /** As it was named. */
  readonly file: string;
  /** Null if any issue is an error. */
  readonly tests: TestFile | null;
  readonly issues: readonly Issue[];
  /** Where something is written. */
  readonly locate: Locate;
  /** What somebody found who knows more, in its place. */
  readonly issueAt: (draft: Draft) => Issue;
}

const reader = compile(asJsonSchema(testSchema));

/** Reads a file of tests: YAML, JSON, or a module that exports it. Never throws for what a user did. */
export async function readCases(file: string, files: Files = disk): Promise<ReadCases> {
  const parsed = await parsedFile(file, files);
  const locate = located(parsed);
  const issueAt = placing(file, locate);
  const faults = parsed.faults.map(({ code, message, position }): Issue => ({
    code,
    message,
    file,
    ...position,
    pointer: '',
    severity: 'error',
  }));
  const drafts: Draft[] = [];
  const tests = reader.read(parsed.value, startWalk(new Map(), drafts)) as TestFile;
  // Of a file that cannot be read, nothing else can be said.
  const issues = faults.length > 0 ? faults : drafts.map(issueAt).sort(compareIssues);
  return { file, tests: issues.length === 0 ? tests : null, issues, locate, issueAt };
}

async function parsedFile(file: string, files: Files): Promise<ParsedText> {
  const absolute = resolve(file);
  try {
    const bytes = await files.read(absolute);
    if (/^\.[cm]?[jt]s$/.test(extname(file))) return await importConfig(absolute, hash('sha256', bytes));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return extname(file) === '.json' ? parseJson(text) : parseYaml(text);
  } catch (error) {
    const problem = error instanceof TypeError ? 'it is not UTF-8 text' : readProblem(error);
    const message = `the tests cannot be read: ${problem}`;
    const fault = { code: 'SYNTAX', message, position: START } as const;
    return { value: null, faults: [fault], keyPosition: () => undefined, openLocator: () => () => START };
  }
}

/** The locator holds the syntax tree: it is opened when somebody asks. */
function located(parsed: ParsedText): Locate {
  let locate: Locate | undefined;
  return (path: Path, at) => {
    locate ??= parsed.openLocator();
    return locate(path, at);
  };
}

function placing(file: string, locate: Locate): ReadCases['issueAt'] {
  return ({ code, message, path, at = 'value', severity = 'error', suggestion }) => ({
    code,
    message,
    file,
    ...locate(path, at),
    pointer: pointerOf(path),
    severity,
    ...(suggestion !== undefined && { suggestion }),
  });
}
