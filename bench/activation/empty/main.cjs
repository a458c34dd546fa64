// The extension that does nothing, which the activation benchmark compares with.
'use strict';
exports.activate = () => {};
