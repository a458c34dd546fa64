/** "Convert to TensorFlow.js" and "Convert to Keras": the model of the file in an editor of its own, unsaved. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Documents } from './documents';

export async function convert(
  documents: Documents,
  to: 'keras' | 'tfjs',
  uri?: vscode.Uri,
  binding?: string,
): Promise<void> {
  const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  const analysis = document && (await documents.analysis(document));
  const models = (analysis?.facts.models ?? []).filter(({ facts }) => facts.framework !== to);
  const because = document && documents.leftOutBecause(document);
  if (because !== undefined) throw new Error(`This file is not read for models: ${because}.`);
  if (!document || models.length === 0) {
    throw new Error(
      to === 'tfjs'
        ? 'No Keras model was found in this file. Open a Python file that builds one.'
        : 'No TensorFlow.js model was found in this file. Open a JavaScript or TypeScript file that builds one.',
    );
  }
  const named = binding === undefined ? models : models.filter(({ facts }) => facts.binding === binding);
  const items = named.map(({ facts }) => ({
    label: facts.binding,
    description: `${facts.className}, ${facts.layers.length} layers`,
    facts,
  }));
  const item =
    items.length > 1 ? await vscode.window.showQuickPick(items, { title: 'Convert which model?' }) : items[0];
  if (!item) {
    if (items.length > 0) return;
    throw new Error(`${path.basename(document.fileName)} builds no model “${binding}”.`);
  }
  const { convertModel } = await documents.engine.load();
  const { code, language } = convertModel(item.facts, to);
  const opened = await vscode.workspace.openTextDocument({ language, content: code });
  await vscode.window.showTextDocument(opened, vscode.ViewColumn.Beside);
}
