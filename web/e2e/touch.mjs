/** How well fingers meet what can be tapped. */

/**
 * What is lower than a finger needs, each once: "Rename Hall: 32 px". What a label holds is as high as the label, and a
 * pseudo-element that reaches beyond its element is tapped too.
 */
export function smallTargets(page, leastPx = 40) {
  return page.evaluate((least) => {
    const all = document.querySelectorAll('a[href], button, select, summary, input');
    const small = [...all].filter((one) => one.checkVisibility()).flatMap((one) => {
      const target = one.closest('label') ?? one;
      const beyond = getComputedStyle(target, '::after');
      const reach = beyond.content !== 'none' && beyond.position === 'absolute' ? -parseFloat(beyond.top) - parseFloat(beyond.bottom) : 0;
      const high = target.getBoundingClientRect().height + Math.max(0, reach);
      // Browsers place text between pixels.
      return high < least - 0.5 ? [`${one.ariaLabel ?? one.textContent.trim()} <${one.className || one.tagName}>: ${Math.round(high)} px`] : [];
    });
    return [...new Set(small)];
  }, leastPx);
}
