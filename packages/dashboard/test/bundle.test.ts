// What is delivered: small, of our own origin, and without anything that a strict policy would stop.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from './dashboard-testing.ts';

const package_ = fileURLToPath(new URL('../', import.meta.url));
let dist = '';
const FIRST_PAGE_BYTES = 300 * 1024;

describe('the bundle', () => {
  before(() => {
    dist = build();
  });

  it('has at most 300 KiB, compressed, for the first page', () => {
    const seen = new Set<string>();
    const take = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const text = readFileSync(join(dist, 'assets', name), 'utf8');
      for (const [, other = ''] of text.matchAll(/(?:from|import)\s?"\.\/([\w.-]+\.js)"/g)) take(other);
      if (name.endsWith('.css'))
        for (const [, font = ''] of text.matchAll(/url\(\.\/([\w.-]+)\)/g)) seen.add(font);
    };
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    for (const [, name = ''] of html.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)) take(name);
    const overview = readdirSync(join(dist, 'assets')).filter((name) =>
      /^(overview-page|chart)-.*\.(js|css)$/.test(name),
    );
    assert.ok(overview.length >= 2);
    overview.forEach(take);
    const bytes = [...seen]
      .map((name) => readFileSync(join(dist, 'assets', name)))
      .map((file) => gzipSync(file).length);
    const sum = bytes.reduce((one, other) => one + other, 0);
    assert.ok(sum > 50_000 && sum <= FIRST_PAGE_BYTES, `${sum} bytes`);
  });

  it('has nothing in line, and names nobody else to load from', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    assert.doesNotMatch(html, /<style|style=|<script(?![^>]* src=)|\son\w+=|https?:\/\//);
    const styles = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.css'));
    for (const name of styles)
      assert.doesNotMatch(
        readFileSync(join(dist, 'assets', name), 'utf8'),
        /url\(["']?(?:https?:|\/\/|data:)|@import/,
        name,
      );
  });

  it('writes no HTML by hand', () => {
    const sources = readdirSync(join(package_, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.tsx?$/.test(name),
    );
    assert.ok(sources.length > 50);
    for (const name of sources)
      assert.doesNotMatch(
        readFileSync(join(package_, 'src', name), 'utf8'),
        /dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|\beval\(/,
        name,
      );
    assert.ok(existsSync(join(dist, 'icon.svg')));
  });
});
