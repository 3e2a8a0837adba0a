/**
 * What PrimeVue's lists that open leave wrong for whoever does not see them: they lie outside of the page's landmarks, and
 * hidden elements around them take the focus. Those still take it when Select hands it over, but not by Tab. That the list
 * itself scrolls, which the keys move, is in base.css.
 */
const overlay = { role: 'region', 'aria-label': 'Choices' }
const notByTab = { tabindex: -1 }

export const OPEN_LISTS = {
  select: {
    overlay,
    hiddenFirstFocusableEl: notByTab,
    hiddenLastFocusableEl: notByTab
  },
  autocomplete: { overlay }
}
