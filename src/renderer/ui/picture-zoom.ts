import { computed, ref } from 'vue'

/** A view of a picture: how much larger than fitted into its frame, and how far its middle is moved, pixels. */
export interface PictureView {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export const FITTED: PictureView = { scale: 1, x: 0, y: 0 }
const LARGEST = 32
/** Of a key or a button. */
export const ZOOM_STEP = 1.5

/**
 * The view after zooming by a factor, the point (x, y) staying where it is; never smaller than fitted.
 * @param x,y from the middle of the frame, pixels
 * @param frame its sides: the picture is not moved out of it
 */
export function zoomed(
  view: PictureView,
  factor: number,
  { x, y }: { readonly x: number; readonly y: number },
  frame: { readonly width: number; readonly height: number }
): PictureView {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor))
  const by = scale / view.scale
  return within({ scale, x: x - by * (x - view.x), y: y - by * (y - view.y) }, frame)
}

/** The view moved by so many pixels. */
export function panned(
  view: PictureView,
  x: number,
  y: number,
  frame: { readonly width: number; readonly height: number }
): PictureView {
  return within({ ...view, x: view.x + x, y: view.y + y }, frame)
}

function within(
  { scale, x, y }: PictureView,
  { width, height }: { readonly width: number; readonly height: number }
): PictureView {
  const most = (side: number): number => ((scale - 1) * side) / 2
  const held = (value: number, limit: number): number =>
    limit === 0 ? 0 : Math.min(limit, Math.max(-limit, value))
  return { scale, x: held(x, most(width)), y: held(y, most(height)) }
}

/** A view that wheel, drag and keys change. */
export function usePictureZoom(frame: () => HTMLElement | null) {
  const view = ref<PictureView>(FITTED)
  const isZoomed = computed(() => view.value.scale > 1)

  function sides(): { width: number; height: number } {
    const { clientWidth: width = 1, clientHeight: height = 1 } = frame() ?? {}
    return { width, height }
  }

  function zoomBy(factor: number, at = { x: 0, y: 0 }): void {
    view.value = zoomed(view.value, factor, at, sides())
  }

  function onWheel(event: WheelEvent): void {
    const box = frame()?.getBoundingClientRect()
    if (!box || (event.deltaY > 0 && !isZoomed.value)) return
    event.preventDefault()
    const at = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 }
    zoomBy(Math.exp(-event.deltaY / 400), at)
  }

  function onDrag(event: PointerEvent): void {
    if (!isZoomed.value || event.buttons !== 1) return
    view.value = panned(view.value, event.movementX, event.movementY, sides())
  }

  return { view, isZoomed, zoomBy, onWheel, onDrag, fit: (): PictureView => (view.value = FITTED) }
}
