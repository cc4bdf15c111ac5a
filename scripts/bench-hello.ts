/**
 * The least a screen costs: a program that draws one line with Ink, and does what makes a start quick. Bundled with React's
 * build for production, and measured against; ends in good order at Ctrl-C, so that Node keeps what it has compiled.
 */
import module from 'node:module';

module.enableCompileCache();
const { createElement } = await import('react');
const { Text, render } = await import('ink');

process.on('SIGINT', () => process.exit());
setInterval(() => undefined, 1000);
render(createElement(Text, null, 'hello world'), { alternateScreen: true });
