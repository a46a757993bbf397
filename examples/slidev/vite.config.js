/** What Slidev’s own Vite must know: <mail-flow> is an element of the browser, not a component of Vue. */
export default {
  slidev: { vue: { template: { compilerOptions: { isCustomElement: tag => tag === 'mail-flow' } } } },
};
