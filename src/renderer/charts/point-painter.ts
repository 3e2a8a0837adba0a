import {
  bindFramebufferInfo,
  createBufferInfoFromArrays,
  createFramebufferInfo,
  createProgramInfo,
  drawBufferInfo,
  resizeFramebufferInfo,
  setAttribInfoBufferFromArray,
  setBuffersAndAttributes,
  setUniforms
} from 'twgl.js'
import type { AttachmentOptions, BufferInfo, FramebufferInfo, ProgramInfo } from 'twgl.js'
import type { Extent, PointView } from './point-view'

const VERTICES = `
attribute vec2 position;
attribute vec4 colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
varying vec4 ink;
void main() {
  gl_Position = vec4((position - middle) * scale, 0.0, colour.a > 0.0 ? 1.0 : 0.0);
  // The alpha of a colour is how large its point is.
  gl_PointSize = size * (colour.a > 0.75 ? 1.8 : 1.0);
  ink = vec4(colour.rgb, 1.0);
}`
const FRAGMENTS = `
precision mediump float;
varying vec4 ink;
void main() {
  vec2 off = gl_PointCoord - 0.5;
  if (dot(off, off) > 0.25) discard;
  gl_FragColor = ink;
}`
const COPY_VERTICES = `
attribute vec2 position;
varying vec2 at;
void main() {
  gl_Position = vec4(position, 0.0, 1.0);
  at = 0.5 * position + 0.5;
}`
const COPY_FRAGMENTS = `
precision mediump float;
uniform sampler2D picture;
varying vec2 at;
void main() {
  gl_FragColor = texture2D(picture, at);
}`

/** Alpha of a point's colour: not drawn, drawn, drawn large. */
export const HIDDEN = 0
export const SHOWN = 128
export const LARGE = 255

/** What a picture of the points is of. */
export interface Picture {
  readonly view: PointView
  /** Of the picture, CSS pixels. */
  readonly extent: Extent
  /** Diameter of a point, CSS pixels. */
  readonly size: number
  /** Pixels of the screen a CSS pixel. */
  readonly density: number
}

/**
 * Draws points by WebGL. A picture is drawn slice by slice where nobody sees it, and shown when it is whole: without
 * a graphics card a hundred thousand points take ten frames.
 */
export class PointPainter {
  readonly #corners: BufferInfo
  readonly #attachments: AttachmentOptions[]
  readonly #unseen: FramebufferInfo
  #buffers: BufferInfo | undefined
  #next = 0

  private constructor(
    private readonly gl: WebGLRenderingContext,
    private readonly points: ProgramInfo,
    private readonly copy: ProgramInfo
  ) {
    this.#attachments = [{ min: gl.NEAREST, mag: gl.NEAREST, wrap: gl.CLAMP_TO_EDGE }]
    this.#unseen = createFramebufferInfo(gl, this.#attachments, 1, 1)
    this.#corners = createBufferInfoFromArrays(gl, {
      position: { numComponents: 2, data: [-1, -1, 1, -1, -1, 1, 1, 1] }
    })
  }

  /** Undefined where there is no WebGL. */
  static on(canvas: HTMLCanvasElement): PointPainter | undefined {
    const gl = canvas.getContext('webgl', {
      antialias: false,
      alpha: true,
      powerPreference: 'high-performance'
    })
    if (!gl) return undefined
    const points = createProgramInfo(gl, [VERTICES, FRAGMENTS])
    const copy = createProgramInfo(gl, [COPY_VERTICES, COPY_FRAGMENTS])
    return points && copy ? new PointPainter(gl, points, copy) : undefined
  }

  /** @param points [x, y] a row; @param colours [red, green, blue, alpha] a row */
  setPoints(points: Float32Array, colours: Uint8Array): void {
    this.#buffers = createBufferInfoFromArrays(this.gl, {
      position: { numComponents: 2, data: points },
      colour: { numComponents: 4, data: colours, normalize: true }
    })
  }

  /** Other colours of the same points. */
  setColours(colours: Uint8Array): void {
    const info = this.#buffers?.attribs?.['colour']
    if (info) setAttribInfoBufferFromArray(this.gl, info, colours)
  }

  /** Begin a picture, without any point. */
  begin({ view, extent, size, density }: Picture): void {
    const gl = this.gl
    const [width, height] = [extent.width, extent.height].map((side) => Math.round(side * density))
    if (this.#unseen.width !== width || this.#unseen.height !== height)
      resizeFramebufferInfo(gl, this.#unseen, this.#attachments, width, height)
    bindFramebufferInfo(gl, this.#unseen)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.useProgram(this.points.program)
    setUniforms(this.points, {
      middle: [view.x, view.y],
      scale: [(2 * view.scale) / extent.width, (2 * view.scale) / extent.height],
      size: size * density
    })
    this.#next = 0
  }

  /** Draw so many points more, and wait for them. @returns how many there were */
  draw(points: number): number {
    const gl = this.gl
    const from = this.#next
    const count = Math.min(points, (this.#buffers?.numElements ?? 0) - from)
    if (!this.#buffers || count <= 0) return 0
    bindFramebufferInfo(gl, this.#unseen)
    gl.useProgram(this.points.program)
    setBuffersAndAttributes(gl, this.points, this.#buffers)
    drawBufferInfo(gl, this.#buffers, gl.POINTS, count, from)
    this.#next += count
    // Only a pixel that is read is waited for.
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4))
    return count
  }

  get isComplete(): boolean {
    return this.#next >= (this.#buffers?.numElements ?? 0)
  }

  /** Show the picture that was drawn. */
  show(): void {
    const gl = this.gl
    const { canvas } = gl
    const { width, height } = this.#unseen
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    bindFramebufferInfo(gl, null)
    gl.useProgram(this.copy.program)
    setBuffersAndAttributes(gl, this.copy, this.#corners)
    setUniforms(this.copy, { picture: this.#unseen.attachments[0] })
    drawBufferInfo(gl, this.#corners, gl.TRIANGLE_STRIP)
  }

  release(): void {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext()
  }
}
