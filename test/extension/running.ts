// What suites that start runs share: whether native TensorFlow is there, and what lies in the workspace afterwards.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TrainEvent } from '../../src/protocol/messages';
import { chooseRuntime, thisMachine } from '../../src/runtime';
import { inWorkspace } from './asking';

/** A run without native TensorFlow asks first whether it may be slow, and nobody answers here. */
export async function hasNativeRuntime(): Promise<boolean> {
  const extension = vscode.extensions.getExtension('modelwright.modelwright');
  assert.ok(extension, 'the extension is not there');
  const env = thisMachine(path.join(extension.extensionPath, 'dist', 'runtime-kit'));
  return (await chooseRuntime({ env, trusted: true })).kind === 'native';
}

/** The folders of all runs of the workspace. */
export function runs(): string[] {
  const folder = inWorkspace('.modelwright', 'runs');
  return fs.existsSync(folder) ? fs.readdirSync(folder).map(id => path.join(folder, id)) : [];
}

function events(run: string): TrainEvent[] {
  const file = path.join(run, 'events.jsonl');
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map(line => JSON.parse(line) as TrainEvent);
}

/** All events of a run, once it is over. */
export async function eventsToTheEnd(run: string): Promise<TrainEvent[]> {
  for (let attempt = 0; attempt < 1500; attempt++) {
    const all = events(run);
    const last = all.at(-1)?.type;
    if (last === 'ended' || last === 'failed') return all;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`${path.basename(run)} did not end within 150 s`);
}

export function tabs(): string[] {
  return vscode.window.tabGroups.all.flatMap(group => group.tabs).map(({ label }) => label);
}
