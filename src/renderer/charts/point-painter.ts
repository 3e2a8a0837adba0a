import {
  createBufferInfoFromArrays,
  createProgramInfo,
  drawBufferInfo,
  setAttribInfoBufferFromArray
} from 'twgl.js'
import { setBuffersAndAttributes, setUniforms } from 'twgl.js'
import type { BufferInfo, ProgramInfo } from 'twgl.js'
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

/** Alpha of a point's colour: not drawn, drawn, drawn large. */
export const HIDDEN = 0
export const SHOWN = 128
export const LARGE = 255

/** Draws points by WebGL: a draw a frame, whatever their number. */
export class PointPainter {
  readonly #gl: WebGLRenderingContext
  readonly #program: ProgramInfo
  #buffers: BufferInfo | undefined

  private constructor(gl: WebGLRenderingContext, program: ProgramInfo) {
    this.#gl = gl
    this.#program = program
  }

  /** Undefined where there is no WebGL. */
  static on(canvas: HTMLCanvasElement): PointPainter | undefined {
    const gl = canvas.getContext('webgl', {
      antialias: false,
      alpha: true,
      powerPreference: 'high-performance'
    })
    if (!gl) return undefined
    const program = createProgramInfo(gl, [VERTICES, FRAGMENTS])
    return program ? new PointPainter(gl, program) : undefined
  }

  /** @param points [x, y] a row; @param colours [red, green, blue, alpha] a row */
  setPoints(points: Float32Array, colours: Uint8Array): void {
    this.#buffers = createBufferInfoFromArrays(this.#gl, {
      position: { numComponents: 2, data: points },
      colour: { numComponents: 4, data: colours, normalize: true }
    })
  }

  /** Other colours of the same points. */
  setColours(colours: Uint8Array): void {
    const info = this.#buffers?.attribs?.['colour']
    if (info) setAttribInfoBufferFromArray(this.#gl, info, colours)
  }

  /** @param size diameter of a point, pixels of the screen; @param density its pixels a CSS pixel */
  draw(view: PointView, { width, height }: Extent, size: number, density: number): void {
    const gl = this.#gl
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    if (!this.#buffers) return
    gl.useProgram(this.#program.program)
    setBuffersAndAttributes(gl, this.#program, this.#buffers)
    setUniforms(this.#program, {
      middle: [view.x, view.y],
      scale: [(2 * view.scale) / width, (2 * view.scale) / height],
      size: size * density
    })
    drawBufferInfo(gl, this.#buffers, gl.POINTS)
  }

  release(): void {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext()
  }
}
