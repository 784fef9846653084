import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { createContext } from './context.ts';
import { createProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

const terminal: Terminal = {
  write: async () => undefined,
  redraw: async () => undefined,
  note: () => undefined,
  warn: () => undefined,
  progress: () => undefined,
  fail: () => undefined,
  paper: { style: (text) => text, width: 80, ink: 'none' },
  isInteractive: false,
  ask: async () => '',
  readInput: async () => '',
};

describe('the program', () => {
  const context = createContext({
    terminal,
    env: { XDG_CONFIG_HOME: '/nonexistent' },
    version: '1.2.3',
    now: () => 0,
    signal: new AbortController().signal,
  });

  function helpOf(command: Command): string {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    return help;
  }

  function check(command: Command, path: string): void {
    const help = helpOf(command);
    assert.match(help, new RegExp(`Examples?:\\n  \\$ .*${path}`), path);
    assert.match(help, /--profile <name>/, path);
    assert.notEqual(command.summary(), '', path);
    for (const option of command.options) assert.notEqual(option.description, '', `${path} ${option.flags}`);
    for (const child of command.commands) check(child, `${path} ${child.name()}`);
  }

  it('has an example, beginning with itself, in the help of every command', () => {
    const program = createProgram(context);
    assert.ok(program.commands.length > 2);
    for (const command of program.commands) check(command, `hokusai ${command.name()}`);
  });
});
