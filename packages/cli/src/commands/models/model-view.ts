/** Models and their versions, as people and scripts get to see them. */
import type { Int64, ModelVersion, RegisteredModel } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { detailLines } from '../../output/details.ts';
import { moment, momentFromNow } from '../../output/moments.ts';
import type { Column } from '../../output/table.ts';
import { withResultOptions } from '../command.ts';

export const modelColumns: readonly Column<RegisteredModel>[] = [
  { title: 'name', cell: ({ name }) => name, minWidth: 12 },
  { title: 'aliases', cell: ({ aliases }) => pairs(aliases, ' → ').join(', '), minWidth: 12, dispensable: 1 },
  { title: 'description', cell: ({ description }) => description, minWidth: 12, dispensable: 3 },
  { title: 'updated', cell: ({ lastUpdateTime }) => moment(instant(lastUpdateTime)), dispensable: 2 },
];

const EMPHASES = { READY: 'green', FAILED_REGISTRATION: 'red', PENDING_REGISTRATION: 'yellow' } as const;

export const versionColumns: readonly Column<ModelVersion>[] = [
  { title: 'version', cell: ({ version }) => version, isNumber: true },
  { title: 'status', cell: statusOf, emphasis: ({ status }) => EMPHASES[status] },
  { title: 'aliases', cell: ({ aliases }) => aliases.join(', '), minWidth: 10 },
  { title: 'run', cell: ({ runId }) => runId ?? '', dispensable: 2 },
  { title: 'description', cell: ({ description }) => description, minWidth: 12, dispensable: 3 },
  { title: 'created', cell: ({ creationTime }) => moment(instant(creationTime)), dispensable: 1 },
];

export function modelDetails(model: RegisteredModel, { now, terminal }: Context): string {
  return detailLines(
    [
      ['Name', model.name],
      ['Description', model.description || null],
      ['Aliases', pairs(model.aliases, ' → version ')],
      ['Tags', pairs(model.tags, '=')],
      ['Created', momentFromNow(instant(model.creationTime), now())],
      ['Updated', momentFromNow(instant(model.lastUpdateTime), now())],
    ],
    terminal.paper,
  );
}

export function versionDetails(version: ModelVersion, { now, terminal }: Context): string {
  return detailLines(
    [
      ['Name', version.name],
      ['Version', version.version],
      ['Status', statusOf(version)],
      ['Description', version.description || null],
      ['Aliases', version.aliases],
      ['Tags', pairs(version.tags, '=')],
      ['Run', version.runId],
      ['Files', version.source],
      ['Created', momentFromNow(instant(version.creationTime), now())],
    ],
    terminal.paper,
  );
}

export function modelJson(model: RegisteredModel): object {
  return {
    name: model.name,
    description: model.description,
    aliases: model.aliases,
    tags: model.tags,
    created_at: instant(model.creationTime),
    updated_at: instant(model.lastUpdateTime),
  };
}

export function versionJson(version: ModelVersion): object {
  return {
    name: version.name,
    version: version.version,
    status: version.status,
    description: version.description,
    aliases: version.aliases,
    tags: version.tags,
    run_id: version.runId,
    source: version.source,
    created_at: instant(version.creationTime),
    updated_at: instant(version.lastUpdateTime),
  };
}

export function withJson(command: Command): Command {
  return withResultOptions(command, 'JSON');
}

function statusOf({ status }: ModelVersion): string {
  return status.toLowerCase().replace('_registration', '');
}

function pairs(record: Readonly<Record<string, string>>, separator: string): string[] {
  return Object.entries(record).map(([name, value]) => `${name}${separator}${value}`);
}

/** RFC 3339. */
function instant(time: Int64): string {
  return new Date(Number(time)).toISOString();
}
