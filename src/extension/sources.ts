/**
 * What is analysed as one program: a file, or the Python cells of a notebook in order. Offsets are those of the whole
 * program; a `SourceText` knows in which document each of them stands.
 */
import * as vscode from 'vscode';
import { inCell, joinCells } from '../ide/notebook';
import type { Span, TextEdit } from '../ir/span';
import { LANGUAGES } from './commands';

export interface Source {
  /** Of the file or the notebook. */
  readonly uri: vscode.Uri;
  readonly isClosed: boolean;
  /** Where imports are resolved from; its ending tells the language. */
  readonly path: string;
  /** The text as it is now. */
  read(): SourceText;
}

export interface SourceText {
  readonly text: string;
  /** The same stamp, the same text. */
  readonly stamp: string;
  /** Those that hold the text, in its order. */
  readonly documents: readonly vscode.TextDocument[];
  /** The part of the text that a document holds; undefined for a document of another source. */
  spanOf(document: vscode.TextDocument): Span | undefined;
  /** A span that reaches into another cell ends with the one it begins in. */
  locate(span: Span): { readonly document: vscode.TextDocument; readonly range: vscode.Range };
}

/** The program that a document is, or is a cell of; undefined for what is never analysed, as a cell of text. */
export function sourceOf(document: vscode.TextDocument): Source | undefined {
  if (!(LANGUAGES as readonly string[]).includes(document.languageId)) return undefined;
  if (document.uri.path.includes('/node_modules/')) return undefined;
  if (document.uri.scheme !== CELL_SCHEME) return fileSource(document);
  // A cell has the path of its notebook, also after it was taken out of it.
  const notebook = vscode.workspace.notebookDocuments.find(n => n.uri.path === document.uri.path);
  return notebook && notebookSource(notebook);
}

export const CELL_SCHEME = 'vscode-notebook-cell';

function pathOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.path;
}

function fileSource(document: vscode.TextDocument): Source {
  return {
    uri: document.uri,
    get isClosed() {
      return document.isClosed;
    },
    path: pathOf(document.uri),
    read() {
      const text = document.getText();
      return {
        text,
        stamp: String(document.version),
        documents: [document],
        spanOf: d => (d === document ? { start: 0, end: text.length } : undefined),
        locate: span => ({ document, range: rangeIn(document, span, 0) }),
      };
    },
  };
}

export function notebookSource(notebook: vscode.NotebookDocument): Source {
  return {
    uri: notebook.uri,
    get isClosed() {
      return notebook.isClosed;
    },
    path: pathOf(notebook.uri),
    read: () => cellsText(notebook),
  };
}

function cellsText(notebook: vscode.NotebookDocument): SourceText {
  const documents = notebook
    .getCells()
    .filter(cell => cell.kind === vscode.NotebookCellKind.Code && cell.document.languageId === 'python')
    .map(cell => cell.document);
  const joined = joinCells(documents.map((document, index) => ({ index, source: document.getText() })));
  return {
    text: joined.text,
    stamp: documents.map(d => `${d.uri.fragment}@${d.version}`).join(),
    documents,
    spanOf(document) {
      const index = documents.indexOf(document);
      const start = joined.starts[index];
      return start === undefined ? undefined : { start, end: start + joined.cells[index]!.source.length };
    },
    locate(span) {
      const index = inCell(joined, span.start)?.cell.index ?? 0;
      const document = documents[index]!;
      return { document, range: rangeIn(document, span, joined.starts[index]!) };
    },
  };
}

/** `from` is where the document begins in the text; offsets beyond a document count as its ends. */
function rangeIn(document: vscode.TextDocument, { start, end }: Span, from: number): vscode.Range {
  return new vscode.Range(document.positionAt(start - from), document.positionAt(end - from));
}

/** The edits of one fix, each in the document its place stands in. */
export function toWorkspaceEdit(text: SourceText, edits: readonly TextEdit[]): vscode.WorkspaceEdit {
  const all = new vscode.WorkspaceEdit();
  for (const { span, newText } of edits) {
    const { document, range } = text.locate(span);
    all.replace(document.uri, range, newText);
  }
  return all;
}
