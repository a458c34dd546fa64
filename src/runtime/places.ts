// Where runtimes and their records lie on disk, by the conventions of each platform.
import path from 'node:path';
import type { Environment } from './environment';

/** The package name of the CPU build and of the CUDA build; a workspace may have either. */
export const PACKAGES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'] as const;

/**
 * The folder of the command line's own files: MODELWRIGHT_HOME, else the platform's cache folder (XDG_CACHE_HOME on
 * Linux, LOCALAPPDATA on Windows, Library/Caches on macOS). The extension uses its global storage instead.
 */
export function cacheFolder({ platform, variables, homeFolder }: Environment): string {
  const own = variables['MODELWRIGHT_HOME'];
  if (own) return path.resolve(own);
  if (platform === 'win32') {
    return path.join(variables['LOCALAPPDATA'] || path.join(homeFolder, 'AppData', 'Local'), 'modelwright');
  }
  if (platform === 'darwin') return path.join(homeFolder, 'Library', 'Caches', 'modelwright');
  // The XDG specification says that a relative path in the variable is to be ignored.
  const xdg = variables['XDG_CACHE_HOME'];
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(homeFolder, '.cache'), 'modelwright');
}

/** The one runtime Modelwright has installed in a storage folder. */
export function installedFolder(storageFolder: string): string {
  return path.join(storageFolder, 'runtime');
}

export function packageFolder(runtimeFolder: string, name: string): string {
  return path.join(runtimeFolder, 'node_modules', ...name.split('/'));
}
