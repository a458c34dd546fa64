/** What the editor asks of a file, answered from its analysis: inlay hints, hovers, lenses, quick fixes. */
import * as vscode from 'vscode';
import { LANGUAGES } from './commands';
import { toMarkdown } from './convert';
import type { Documents } from './documents';
import { presetOf } from './finetune/preset';
import { toWorkspaceEdit } from './sources';

export function registerFeatures(documents: Documents): vscode.Disposable {
  const selector = LANGUAGES.map(language => ({ language }));
  const hints = new InlayHints(documents);
  const lenses = new CodeLenses(documents);
  return vscode.Disposable.from(
    hints,
    lenses,
    vscode.languages.registerInlayHintsProvider(selector, hints),
    vscode.languages.registerCodeLensProvider(selector, lenses),
    vscode.languages.registerHoverProvider(selector, new Hovers(documents)),
    vscode.languages.registerCompletionItemProvider(selector, new Completions(documents), '(', ',', ' ', '='),
    vscode.languages.registerCodeActionsProvider(selector, new QuickFixes(documents), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
  );
}

function setting(document: vscode.TextDocument, key: string): boolean {
  return vscode.workspace.getConfiguration('modelwright', document).get<boolean>(key, true);
}

/** Files on this machine that Node can run. */
const isScript = ({ uri, languageId }: vscode.TextDocument): boolean =>
  uri.scheme === 'file' && /^(java|type)script/.test(languageId);

class InlayHints implements vscode.InlayHintsProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeInlayHints = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly documents: Documents) {
    this.subscription = vscode.Disposable.from(
      documents.onDidAnalyze(() => {
        this.changed.fire();
      }),
      vscode.workspace.onDidChangeConfiguration(e => {
        if (e.affectsConfiguration('modelwright.inlayHints')) this.changed.fire();
      }),
    );
  }

  async provideInlayHints(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.InlayHint[]> {
    if (!setting(document, 'inlayHints.enable')) return [];
    const analyzed = await this.documents.analyzed(document);
    const here = analyzed?.text.spanOf(document);
    if (!analyzed || !here) return [];
    const { inlayHints } = await this.documents.engine.load();
    const from = here.start + document.offsetAt(range.start);
    const to = here.start + document.offsetAt(range.end);
    return inlayHints(analyzed.analysis.facts, { parameters: setting(document, 'inlayHints.parameters') })
      .filter(h => from <= h.offset && h.offset <= to)
      .map(h => {
        const hint = new vscode.InlayHint(document.positionAt(h.offset - here.start), h.text);
        hint.paddingLeft = true;
        return hint;
      });
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

class CodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly documents: Documents) {
    this.subscription = documents.onDidAnalyze(() => {
      this.changed.fire();
    });
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!setting(document, 'codeLens.enable')) return [];
    const analyzed = await this.documents.analyzed(document);
    const here = analyzed?.text.spanOf(document);
    if (!analyzed || !here) return [];
    const { codeLenses, finetuneLenses, firstTrainingCall } = await this.documents.engine.load();
    const models = codeLenses(analyzed.analysis.facts).map(({ offset, action, title, model }) => ({
      offset,
      command: {
        title: action === 'train' ? `$(play) ${title}` : title,
        command: `modelwright.${action}`,
        arguments: [document.uri, model],
      },
    }));
    const pretrained = finetuneLenses(analyzed.analysis).map(({ offset, title, model }) => ({
      offset,
      command: {
        title: `$(play) ${title}`,
        command: 'modelwright.finetune',
        arguments: [presetOf(model, document.uri.fsPath)],
      },
    }));
    const call = isScript(document) ? firstTrainingCall(document.getText()) : undefined;
    const script = { title: '$(play) Train this file', command: 'modelwright.trainFile', arguments: [document.uri] };
    const scripts = call === undefined ? [] : [{ offset: here.start + call, command: script }];
    return [...models, ...pretrained, ...scripts]
      .filter(({ offset }) => here.start <= offset && offset <= here.end)
      .map(({ offset, command }) => {
        const at = document.positionAt(offset - here.start);
        return new vscode.CodeLens(new vscode.Range(at, at), command);
      });
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

class Hovers implements vscode.HoverProvider {
  constructor(private readonly documents: Documents) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const analyzed = await this.documents.analyzed(document);
    const here = analyzed?.text.spanOf(document);
    if (!analyzed || !here) return undefined;
    const { hoverAt } = await this.documents.engine.load();
    const hover = hoverAt(analyzed.analysis.facts, here.start + document.offsetAt(position));
    return hover && new vscode.Hover(toMarkdown(hover.markdown), analyzed.text.locate(hover.span).range);
  }
}

class Completions implements vscode.CompletionItemProvider {
  constructor(private readonly documents: Documents) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    const analyzed = await this.documents.analyzed(document);
    const here = analyzed?.text.spanOf(document);
    if (!analyzed || !here) return [];
    const { completionsAt } = await this.documents.engine.load();
    return completionsAt(analyzed.analysis, here.start + document.offsetAt(position)).map(c => {
      const kind = c.kind === 'argument' ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.EnumMember;
      const item = new vscode.CompletionItem(c.label, kind);
      item.insertText = c.insert;
      if (c.detail !== undefined) item.detail = c.detail;
      if (c.doc !== undefined) item.documentation = c.doc;
      return item;
    });
  }
}

class QuickFixes implements vscode.CodeActionProvider {
  constructor(private readonly documents: Documents) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const analyzed = await this.documents.analyzed(document);
    const here = analyzed?.text.spanOf(document);
    if (!analyzed || !here) return [];
    const { codeActions } = await this.documents.engine.load();
    const { analysis, text } = analyzed;
    const at = { start: here.start + document.offsetAt(range.start), end: here.start + document.offsetAt(range.end) };
    return codeActions(analysis.diagnostics, at).map(({ fix, diagnostic: d, only }) => {
      const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
      action.edit = toWorkspaceEdit(text, fix.edits);
      action.diagnostics = context.diagnostics.filter(
        x => x.source === 'modelwright' && x.code === d.code && x.range.isEqual(text.locate(d.span).range),
      );
      // Preferred: the one that `Auto Fix` takes without asking; only where there is no choice.
      action.isPreferred = only;
      return action;
    });
  }
}
