/**
 * Where packages come from. uv reads its own variables and files, pip others: what is set for pip alone
 * (by its configuration files or PIP_… variables) is handed to uv too. With nothing set anywhere each
 * uses its built-in default.
 */

/** Variables for uv that stand for pip's settings; what is set for uv itself is left alone. */
export function uvSettingsFromPip(pipConfigList: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const pip = parsePipConfig(pipConfigList);
  const settings: Record<string, string | undefined> = { SSL_CERT_FILE: pip.get('cert') };
  if (!isIndexSetForUv(env)) Object.assign(settings, indexSettings(pip));
  if (!hasProxy(env)) settings['ALL_PROXY'] = pip.get('proxy');
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => !!entry[1] && !env[entry[0]]),
  );
}

function isIndexSetForUv(env: NodeJS.ProcessEnv): boolean {
  return ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_INDEX', 'UV_FIND_LINKS'].some((name) => env[name]);
}

function hasProxy(env: NodeJS.ProcessEnv): boolean {
  return ['ALL_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY'].some((name) => env[name] || env[name.toLowerCase()]);
}

function indexSettings(pip: Map<string, string>): Record<string, string | undefined> {
  const words = (name: string) => pip.get(name)?.split(/\s+/).filter(Boolean);
  const extra = words('extra-index-url')?.join(' ');
  return {
    UV_DEFAULT_INDEX: pip.get('index-url'),
    UV_INDEX: extra,
    // As pip does: a package may be on any of several indexes. The hashes say which file is meant.
    UV_INDEX_STRATEGY: extra === undefined ? undefined : 'unsafe-best-match',
    UV_FIND_LINKS: words('find-links')?.join(','),
    UV_INSECURE_HOST: words('trusted-host')?.join(' '),
    UV_NO_INDEX: /^(1|true|yes|on)$/i.test(pip.get('no-index') ?? '') ? '1' : undefined,
  };
}

/** The variables beat the section of the command, which beats `[global]` (pip's user guide, "Configuration"). */
const SECTIONS = ['global', 'install', ':env:'];

/** Output of `pip config list`: a line `section.name='value'` per setting, the value as Python's repr. */
function parsePipConfig(listing: string): Map<string, string> {
  const lines = listing.split('\n').flatMap((line) => {
    const match = /^(.+?)\.([a-z-]+)=(['"])(.*)\3$/.exec(line.trim());
    const [, section = '', name = '', , value = ''] = match ?? [];
    return SECTIONS.includes(section) ? [{ section, name, value: unescapePython(value) }] : [];
  });
  const ordered = SECTIONS.flatMap((section) => lines.filter((line) => line.section === section));
  return new Map(ordered.map(({ name, value }) => [name, value]));
}

function unescapePython(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
