import type { CompressConfig, FieldChanges, TransformConfig } from '@turnpike/config';
import { bytesText } from '../output/units.ts';
import { joined, reporting } from './text-parts.ts';

/** `compresses replies from 1KiB on by zstd, br, gzip`. */
export function compressText({ mode, codings, minBytes }: CompressConfig): string {
  return `compresses replies from ${bytesText(minBytes)} on by ${codings.join(', ')}${reporting(mode)}`;
}

/** `requests: sets x-user, removes cookie; responses: removes server`. */
export function transformText({ mode, request, response }: TransformConfig): string {
  const { set, remove } = request.query;
  const query = [...set.map(([name]) => `sets ?${name}`), ...remove.map((name) => `removes ?${name}`)];
  const ofRequest = joined([fieldsText(request.headers), ...query], ', ');
  const ofResponse = fieldsText(response.headers);
  const parts = [
    ofRequest === '' ? '' : `requests: ${ofRequest}`,
    ofResponse === '' ? '' : `responses: ${ofResponse}`,
  ];
  return joined(parts, '; ') + reporting(mode);
}

function fieldsText({ set, add, remove }: FieldChanges): string {
  const parts = [
    set.length === 0 ? '' : `sets ${set.map(([name]) => name).join(' and ')}`,
    add.length === 0 ? '' : `adds ${add.map(([name]) => name).join(' and ')}`,
    remove.length === 0 ? '' : `removes ${remove.join(' and ')}`,
  ];
  return joined(parts, ', ');
}
