// User settings of a window under test: no AI, no welcome pages, no telemetry, no animation, nothing written unasked.
export const QUIET_SETTINGS = {
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'window.autoDetectColorScheme': false,
  'workbench.colorTheme': 'Dark Modern', // Older hosts call it `Default Dark Modern`, and fall back to it.
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'window.commandCenter': false,
  'window.menuBarVisibility': 'hidden',
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.cursorBlinking': 'solid',
  'workbench.reduceMotion': 'on',
  'files.hotExit': 'off',
  'files.autoSave': 'off', // The web workbench's default, afterDelay, would write tests' edits to disk.
  'git.enabled': false,
};
