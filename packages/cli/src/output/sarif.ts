import { hash } from 'node:crypto';
import { relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Issue } from '@turnpike/config';
import { ISSUE_RULES } from './issue-rules.ts';

/** Who found the issues. */
export interface SarifTool {
  readonly version: string;
  /** Files are named relative to it. */
  readonly directory: string;
}

/** Issues in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code hosts show beside the lines. */
export function sarifOf(issues: readonly Issue[], { version, directory }: SarifTool): string {
  const rules = Object.entries(ISSUE_RULES).map(([id, about]) => ({
    id,
    shortDescription: { text: about },
    helpUri: 'https://turnpike.dev/docs/testing#turnpike-check',
  }));
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'turnpike check', version, informationUri: 'https://turnpike.dev', rules } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(directory).href}/` } },
        results: issues.map((issue) => resultOf(issue, indexes.get(issue.code) ?? -1, directory)),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function resultOf(issue: Issue, ruleIndex: number, directory: string): object {
  const { code, severity, message, line, column, pointer } = issue;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(issue.file, directory),
          region: { startLine: line, startColumn: column },
        },
        ...(pointer !== '' && { logicalLocations: [{ fullyQualifiedName: pointer, kind: 'value' }] }),
      },
    ],
    // The same issue on another line is the same issue.
    partialFingerprints: { 'turnpike/v1': hash('sha256', `${code} ${pointer} ${message}`) },
  };
}

/** RFC 3986: a relative reference, or a whole address for what is outside of the directory. */
function artifactOf(file: string, directory: string): object {
  const path = relative(directory, resolve(directory, file));
  if (path === '' || path.startsWith('..')) return { uri: pathToFileURL(resolve(directory, file)).href };
  const uri = path.split(sep).map(encodeURIComponent).join('/');
  return { uri, uriBaseId: 'ROOT' };
}
