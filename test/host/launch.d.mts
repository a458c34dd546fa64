// Types of launch.mjs, for the UI checks, which are TypeScript.
import type { ChildProcess } from 'node:child_process';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface LaunchOptions {
  /** The folder or `.code-workspace` file to open; none opens an empty window. */
  folder?: string;
  /** A file to open. The workbench takes one from its address; others are opened by hand. */
  file?: string;
  /** Extensions loaded from their sources, as with F5. */
  extensionDevelopmentPath?: string | string[];
  extensionTestsPath?: string;
  /** User settings beyond QUIET_SETTINGS. */
  settings?: Record<string, unknown>;
  /** A profile to keep; by default a temporary one. */
  userDataDir?: string;
  extensionsDir?: string;
  /** Off: notification toasts show, but extensionDevelopmentPath is ignored (install a .vsix instead). Default: on. */
  testDriver?: boolean;
  /** On: folders start untrusted and the workbench asks. Default: off. */
  workspaceTrust?: boolean;
  viewport?: { width: number; height: number };
  chromiumArgs?: string[];
  serverArgs?: string[];
  /** Environment of the server, and so of the extension host. */
  env?: Record<string, string>;
  /** Folder of server.log and window.log. */
  logDir?: string;
  host?: string;
  onLog?: (type: string, values: unknown[]) => void;
}

export interface Window {
  page: Page;
  context: BrowserContext;
  browser: Browser;
  server: ChildProcess;
  url: string;
  userData: string;
  logs: string;
  exit: Promise<number>;
  close: () => Promise<void>;
}

export function launch(options?: LaunchOptions): Promise<Window>;
