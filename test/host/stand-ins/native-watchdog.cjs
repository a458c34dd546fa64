// Stands in for the native watchdog that ends the extension host with its parent: the host's own wrapper does that.
'use strict';
exports.start = () => {};
exports.exit = code => process.exit(code || 0);
