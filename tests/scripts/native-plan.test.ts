import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveAddresses } from '../../scripts/native/archive.mjs'
import { plans } from '../../scripts/native/plan.mjs'
import { unpackNvidia, unpackTensorFlow } from '../../scripts/native/wheel.mjs'
import { temporaryFolder } from '@support/command'
import { makeWheel, TENSORFLOW_FILES } from '@support/wheel'

let scratch: string
beforeAll(() => {
  scratch = temporaryFolder()
})

const builds = (env: Record<string, string>, platform: string, arch: string): string[] =>
  plans(env, platform, arch).map(({ source, build }) => `${source} ${build}`)

describe('which TensorFlow a machine gets', () => {
  test('the CPU wheel where no card is found or the CPU is asked for', () => {
    expect(builds({ PATH: '', BILEVEL_NATIVE: 'cpu' }, 'linux', 'x64')).toEqual(['wheel cpu'])
    expect(builds({ PATH: '', BILEVEL_NATIVE: 'cuda' }, 'linux', 'arm64')).toEqual(['wheel cpu'])
  })

  test('the CUDA wheel where nvidia-smi lists a card, with the CPU wheel to fall back on', () => {
    const program = path.join(scratch, 'nvidia-smi')
    writeFileSync(program, '#!/bin/sh\necho "GPU 0: NVIDIA H200 (UUID: GPU-1)"\n')
    chmodSync(program, 0o755)
    const found = plans({ PATH: scratch }, 'linux', 'x64')
    expect(found.map(({ build }) => build)).toEqual(['cuda', 'cpu'])
    expect(found[0]!.why).toContain('NVIDIA H200')
    expect(builds({ PATH: scratch, BILEVEL_NATIVE: 'cpu' }, 'linux', 'x64')).toEqual(['wheel cpu'])
    expect(builds({ PATH: '', BILEVEL_NATIVE: 'cuda' }, 'linux', 'x64')).toEqual(['wheel cuda', 'wheel cpu'])
  })

  test('the published archive on Windows and macOS, nothing elsewhere', () => {
    expect(builds({}, 'win32', 'x64')).toEqual(['archive cpu'])
    expect(builds({ BILEVEL_NATIVE: 'cuda' }, 'win32', 'x64')).toEqual(['archive cuda'])
    expect(builds({}, 'darwin', 'arm64')).toEqual(['archive cpu'])
    expect(builds({}, 'win32', 'arm64')).toEqual([])
    expect(builds({}, 'freebsd', 'x64')).toEqual([])
  })

  test('archives have the names that tfjs-node itself asks for', () => {
    const host = 'https://storage.googleapis.com/'
    expect(archiveAddresses({ build: 'cuda' }, '4.22.0', 'win32', 'x64', {})).toEqual({
      library: `${host}tensorflow/libtensorflow/libtensorflow-gpu-windows-x86_64-2.9.1.zip`,
      addon: `${host}tf-builds/pre-built-binary/napi-v8/4.22.0/GPU-windows-4.22.0.zip`
    })
    expect(archiveAddresses({ build: 'cpu' }, '4.22.0', 'darwin', 'arm64', {})).toEqual({
      library: `${host}tf-builds/libtensorflow_r2_7_darwin_arm64_cpu.tar.gz`,
      addon: undefined
    })
    const mirror = { TFJS_NODE_CDN_STORAGE: 'https://mirror.example/' }
    expect(archiveAddresses({ build: 'cpu' }, '4.22.0', 'darwin', 'x64', mirror).library).toBe(
      'https://mirror.example/tensorflow/libtensorflow/libtensorflow-cpu-darwin-x86_64-2.9.1.tar.gz'
    )
  })
})

describe('wheels', () => {
  test('give the libraries, the headers that are included from the first ones, and what CUDA needs', async () => {
    const wheel = await makeWheel(
      scratch,
      'tensorflow-2.99.0-cp312-cp312-manylinux_2_27_x86_64.whl',
      TENSORFLOW_FILES
    )
    const library = path.join(scratch, 'lib')
    const include = path.join(scratch, 'include')
    expect(await unpackTensorFlow(wheel, library, include)).toEqual([
      'nvidia-cublas-cu12<13.0,>=12.5.3.2',
      'nvidia-nccl-cu12<3.0,>=2.27.7'
    ])
    expect(readdirSync(library).sort()).toEqual(['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    expect(readFileSync(path.join(library, 'libtensorflow_cc.so.2'), 'utf8')).toBe('not a library')
    for (const header of ['tensorflow/c/c_api.h', 'tensorflow/c/sibling.h', 'absl/strings/cord.h']) {
      expect(existsSync(path.join(include, header)), header).toBe(true)
    }
    expect(existsSync(path.join(include, 'tensorflow/unrelated.h'))).toBe(false)
  })

  test('of NVIDIA keep the folders that TensorFlow’s search path names', async () => {
    const wheel = await makeWheel(scratch, 'nvidia_cublas_cu12-12.5.3-py3-none-manylinux1_x86_64.whl', {
      'nvidia/__init__.py': '',
      'nvidia/cublas/lib/libcublas.so.12': 'cublas',
      'nvidia/cublas/include/cublas.h': ''
    })
    const deps = path.join(scratch, 'deps')
    await unpackNvidia([wheel], deps)
    expect(readFileSync(path.join(deps, 'nvidia/cublas/lib/libcublas.so.12'), 'utf8')).toBe('cublas')
    expect(readdirSync(path.join(deps, 'nvidia'))).toEqual(['cublas'])
    expect(readdirSync(path.join(deps, 'nvidia/cublas'))).toEqual(['lib'])
  })

  test('of NVIDIA, cuSOLVER is found where TensorFlow looks for cuSPARSE', async () => {
    const wheel = await makeWheel(scratch, 'nvidia_cusolver_cu12-11.7-py3-none-manylinux1_x86_64.whl', {
      'nvidia/cusolver/lib/libcusolver.so.11': 'cusolver',
      'nvidia/cusolver/lib/libcusolver_static.a': ''
    })
    const deps = path.join(scratch, 'cusolver-deps')
    await unpackNvidia([wheel], deps)
    const beside = path.join(deps, 'nvidia/cusparse/lib')
    expect(readdirSync(beside)).toEqual(['libcusolver.so.11'])
    expect(readFileSync(path.join(beside, 'libcusolver.so.11'), 'utf8')).toBe('cusolver')
  })

  test('without the libraries are refused', async () => {
    const wheel = await makeWheel(scratch, 'tensorflow-1.0-py3-none-any.whl', { 'tensorflow/x.py': '' })
    const target = path.join(scratch, 'none')
    await expect(unpackTensorFlow(wheel, target, target)).rejects.toThrow('has no libtensorflow_cc.so.2')
  })
})
