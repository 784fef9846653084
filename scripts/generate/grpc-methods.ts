/** The methods of the gRPC services as the documents show them, from the comments in protos/. */
import { markdownTable } from './markdown-table.ts';

const SERVICE = /^service (\w+) \{\n([\s\S]*?)^\}/gm;
const METHOD = /^((?: {2}\/\/.*\n)+) {2}rpc (\w+)\((stream )?\w+\) returns \((stream )?\w+\);/gm;

/** `sources`: texts of .proto files. One table for each service, under its full name. */
export function grpcMethods(sources: readonly string[]): string {
  const sections = sources.flatMap((source) => {
    const [, packageName = ''] = /^package ([\w.]+);/m.exec(source) ?? [];
    return [...source.matchAll(SERVICE)].map(([, name = '', body = '']) => {
      const rows = [...body.matchAll(METHOD)].map(([, comment = '', method = '', up = '', down = '']) => [
        `\`${method}\`${up || down ? `, a stream ${directionOf(up, down)}` : ''}`,
        firstParagraphOf(comment),
      ]);
      return `### ${packageName}.${name}\n\n${markdownTable(['method', 'what it does'], rows)}`;
    });
  });
  return sections.join('\n');
}

function directionOf(up: string, down: string): string {
  if (up && down) return 'in both directions';
  return up ? 'to the service' : 'from the service';
}

function firstParagraphOf(comment: string): string {
  const lines = comment.trimEnd().split('\n');
  const texts = lines.map((line) => line.trim().replace(/^\/\/ ?/, ''));
  const end = texts.indexOf('');
  return (end < 0 ? texts : texts.slice(0, end)).join(' ');
}
