// Does what a Dockerfile says without a container engine: a directory stands for the file system of each stage.
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DockerfileParser } from 'dockerfile-ast';

/** What an image is, as far as one can tell without running it. */
export interface Image {
  /** Stands for its `/`. */
  readonly directory: string;
  /** Instructions of the last stage that say how it is run, by keyword; the last of each. */
  readonly settings: ReadonlyMap<string, string>;
}

interface Step {
  readonly keyword: string;
  readonly text: string;
}

interface Stage {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The stages of a Dockerfile, with their instructions as they are written. */
export function stagesOf(dockerfile: string): readonly Stage[] {
  const stages: { name: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    const text = instruction.getTextContent().slice(keyword.length).trim();
    if (keyword === 'FROM') stages.push({ name: / AS (\S+)$/i.exec(text)?.[1] ?? 'image', steps: [] });
    else stages.at(-1)?.steps.push({ keyword, text });
  }
  return stages;
}

/** Does all steps of all stages below `home`. What the base image has is what this machine has. */
export async function followDockerfile(context: string, home: string): Promise<Image> {
  const stages = stagesOf(readFileSync(join(context, 'deploy/Dockerfile'), 'utf8'));
  const settings = new Map<string, string>();
  for (const [index, { name, steps }] of stages.entries()) {
    const isLast = index === stages.length - 1;
    await followStage(steps, { context, home, directory: join(home, isLast ? 'image' : name) });
    if (isLast) for (const { keyword, text } of steps) settings.set(keyword, text);
  }
  return { directory: join(home, 'image'), settings };
}

interface Place {
  readonly context: string;
  readonly home: string;
  readonly directory: string;
}

async function followStage(steps: readonly Step[], { context, home, directory }: Place): Promise<void> {
  mkdirSync(join(directory, 'usr/local/bin'), { recursive: true });
  let workdir = directory;
  for (const { keyword, text } of steps) {
    if (keyword === 'WORKDIR') {
      workdir = join(directory, text);
      mkdirSync(workdir, { recursive: true });
    } else if (keyword === 'RUN') {
      await runStep(text, workdir, home);
    } else if (keyword === 'COPY') {
      const words = text.split(' ');
      const [from = '', to = ''] = words.filter((word) => !word.startsWith('--'));
      const stage = /^--from=(\S+)/.exec(text)?.[1];
      if (stage === undefined) copyContext(context, resolve(workdir, to));
      else cpSync(join(home, stage, from), resolve(workdir, to), COPY);
    }
  }
}

const COPY = { recursive: true, verbatimSymlinks: true } as const;

/** In a shell, as engines do. Who is not root cannot give files away, which matters to nobody here. */
async function runStep(command: string, cwd: string, home: string): Promise<void> {
  const stubs = join(home, 'stubs');
  if (process.getuid?.() !== 0) {
    mkdirSync(stubs, { recursive: true });
    writeFileSync(join(stubs, 'chown'), '#!/bin/sh\n');
    chmodSync(join(stubs, 'chown'), 0o755);
  }
  const PATH = [stubs, process.env['PATH']].join(delimiter);
  await promisify(execFile)('/bin/sh', ['-ec', command], { cwd, env: { ...process.env, PATH } });
}

/** The files that `.dockerignore` lets through: of the patterns that match a file or a folder above it, the last counts. */
export function contextFiles(context: string): readonly string[] {
  const lines = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isLetIn = (path: string): boolean => {
    const rule = rules.findLast((one) => matchesPattern(path, one.replace(/^!/, '')));
    return rule === undefined || rule.startsWith('!');
  };
  const filesIn = (folder: string): string[] =>
    readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!isLetIn(path)) return [];
      return entry.isDirectory() ? filesIn(path) : [path];
    });
  return filesIn('');
}

/** Unlike shells, engines let `*` match names that begin with a dot. */
function matchesPattern(path: string, pattern: string): boolean {
  const escaped = pattern
    .replaceAll('.', '\\.')
    .replaceAll(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.+/)?'));
  return new RegExp(`^${escaped}(?:/|$)`).test(path);
}

function copyContext(context: string, target: string): void {
  for (const file of contextFiles(context)) cpSync(join(context, file), join(target, file));
}
