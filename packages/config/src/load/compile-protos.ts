import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** What came of compiling. */
export type Compiled =
  | { readonly kind: 'compiled'; readonly set: Uint8Array }
  | { readonly kind: 'faulty'; readonly problems: readonly ProtoProblem[] }
  /** The compiler is not there, or did not end well. */
  | { readonly kind: 'failed'; readonly message: string };

/** Something that is wrong in a source. */
export interface ProtoProblem {
  /** As others import the file. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const TIME_LIMIT_MS = 30_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/**
 * Compiles sources with buf, in a directory of their own: nothing that is not given can be found, nothing is asked of the
 * network, and no setting of the user has a say.
 */
export async function compileProtos(texts: ReadonlyMap<string, string>): Promise<Compiled> {
  let directory: string | null = null;
  try {
    directory = await mkdtemp(join(tmpdir(), 'turnpike-protos-'));
    return await compileIn(directory, texts);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: 'failed',
      message: `the sources are compiled in a temporary directory below ${tmpdir()}, which cannot be written (${reason}); set TMPDIR to one that can, or name a compiled set with descriptors`,
    };
  } finally {
    if (directory !== null) await rm(directory, { recursive: true, force: true });
  }
}

async function compileIn(directory: string, texts: ReadonlyMap<string, string>): Promise<Compiled> {
  const sources = join(directory, 'protos');
  for (const [name, text] of texts) {
    const path = join(sources, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  // Otherwise buf would look for one in the directories above, which are other people's.
  await writeFile(join(sources, 'buf.yaml'), 'version: v2\n');
  const output = join(directory, 'set.binpb');
  const run = await runBuf(
    ['build', sources, '--as-file-descriptor-set', '--error-format', 'json', '-o', output],
    directory,
  );
  if (run.kind === 'failed') return run;
  if (run.exitCode === 0) return { kind: 'compiled', set: await readFile(output) };
  const problems = problemsIn(run.output, sources);
  return problems.length > 0
    ? { kind: 'faulty', problems }
    : { kind: 'failed', message: `buf could not compile the sources: ${run.output.trim().slice(0, 1000)}` };
}

type Run =
  | { readonly kind: 'ran'; readonly exitCode: number; readonly output: string }
  | (Compiled & { readonly kind: 'failed' });

function runBuf(args: readonly string[], directory: string): Promise<Run> {
  const env = { PATH: process.env['PATH'], HOME: directory, BUF_CACHE_DIR: join(directory, 'cache') };
  const options = { cwd: directory, env, timeout: TIME_LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  return new Promise((resolve) => {
    execFile(bufProgram(), args, options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error === null) resolve({ kind: 'ran', exitCode: 0, output });
      else if (error.code === 'ENOENT') resolve({ kind: 'failed', message: NOT_INSTALLED });
      else if (error.killed === true)
        resolve({ kind: 'failed', message: `buf did not end within ${TIME_LIMIT_MS / 1000} s` });
      else if (typeof error.code === 'number') resolve({ kind: 'ran', exitCode: error.code, output });
      else resolve({ kind: 'failed', message: `buf could not be run: ${error.message}` });
    });
  });
}

const NOT_INSTALLED =
  'buf, which compiles the sources, is not installed; run: npm install @bufbuild/buf, put buf into PATH, or name a compiled set with descriptors';

/** What npm calls the packages with the program, by platform and processor. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux x64': '@bufbuild/buf-linux-x64',
  'linux arm64': '@bufbuild/buf-linux-aarch64',
  'linux arm': '@bufbuild/buf-linux-armv7',
  'darwin x64': '@bufbuild/buf-darwin-x64',
  'darwin arm64': '@bufbuild/buf-darwin-arm64',
};

/** The program that npm has installed, or the one in `PATH`. */
function bufProgram(): string {
  const name = PACKAGES[`${process.platform} ${process.arch}`];
  try {
    return name === undefined ? 'buf' : createRequire(import.meta.url).resolve(`${name}/bin/buf`);
  } catch {
    return 'buf'; // optional dependencies may be left out
  }
}

/** A line of JSON for each. */
function problemsIn(output: string, sources: string): ProtoProblem[] {
  return output.split('\n').flatMap((line): ProtoProblem[] => {
    try {
      const { path, start_line: row = 1, start_column: column = 1, message }: BufProblem = JSON.parse(line);
      return [{ name: relative(sources, path), line: row, column, message }];
    } catch {
      return []; // not about a file
    }
  });
}

interface BufProblem {
  readonly path: string;
  readonly start_line?: number;
  readonly start_column?: number;
  readonly message: string;
}
