// The theme of VitePress with the fonts of the machine in place of those that it brings.
import Theme from 'vitepress/theme-without-fonts';
import './turnpike.css';

export { Theme as default };
