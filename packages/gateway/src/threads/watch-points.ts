import { readlink } from 'node:fs/promises';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';

/**
 * The places that decide what is read at some absolute paths: the paths themselves, every symbolic link on the way, and
 * what the links lead to. Kubernetes changes a mounted ConfigMap by pointing the link `..data` elsewhere: neither the file
 * nor the directory of the path sees that.
 */
export async function watchPoints(paths: Iterable<string>): Promise<Set<string>> {
  const points = new Set<string>();
  for (const path of paths) await follow(path, points, MAX_LINKS);
  return points;
}

async function follow(path: string, points: Set<string>, linksLeft: number): Promise<void> {
  const { root } = parse(path);
  const parts = relative(root, path).split(sep);
  let at = root;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const target = await linkTarget(at);
    if (target === null) continue;
    points.add(at);
    if (linksLeft === 0) return;
    await follow(resolve(dirname(at), target, ...parts.slice(index + 1)), points, linksLeft - 1);
    return;
  }
  points.add(path);
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch {
    return null; // no link, or nothing at all: then it is watched as it is
  }
}

/** As many as Linux follows. */
const MAX_LINKS = 40;
