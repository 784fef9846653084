/** What a query of Prometheus asks for, by Prometheus' own grammar. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
}

export interface Query {
  selectors: Selector[];
  /** Labels of `by (…)`. */
  grouping: string[];
}

/** Throws for what is no query. */
export function readQuery(text: string): Query {
  const query: Query = { selectors: [], grouping: [] };
  const textOf = (node: SyntaxNode) => text.slice(node.from, node.to);
  parser.parse(text).iterate({
    enter: ({ type, node }) => {
      if (type.isError) throw new Error(`this is no PromQL, at ${node.from}: ${text}`);
      if (type.name === 'VectorSelector') query.selectors.push(selectorOf(node, textOf));
      if (type.name === 'GroupingLabels') query.grouping.push(...node.getChildren('LabelName').map(textOf));
    },
  });
  if (query.selectors.length === 0) throw new Error(`this asks for no metric: ${text}`);
  return query;
}

function selectorOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Selector {
  const name = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: name ? textOf(name) : '',
    matchers: matchers.map((matcher) => {
      const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((kind) => {
        const part = matcher.getChild(kind);
        return part ? textOf(part) : '';
      }) as [string, string, string];
      return { label, operator, value: value.slice(1, -1) };
    }),
  };
}
