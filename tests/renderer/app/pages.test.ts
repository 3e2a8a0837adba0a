// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { RouteRecordRaw } from 'vue-router'
import { router } from '@renderer/app/router'

const FEATURES = import.meta.glob<Record<string, RouteRecordRaw[]>>(
  '../../../src/renderer/features/*/routes.ts',
  { eager: true }
)
const known = router.getRoutes().map((route) => route.path)

test.for(Object.entries(FEATURES))('the pages of %s can be reached', ([, routes]) => {
  const paths = Object.values(routes).flatMap((list) => list.map((route) => route.path))
  expect(paths.length).toBeGreaterThan(0)
  expect(known).toEqual(expect.arrayContaining(paths))
})

test('the side bar leads to pages that are there', () => {
  const file = path.join(import.meta.dirname, '../../../src/renderer/app/side-bar.vue')
  const places = [...readFileSync(file, 'utf8').matchAll(/\{ to: '([^']+)'/g)].map(([, to]) => to)
  expect(places.length).toBeGreaterThan(3)
  expect(known).toEqual(expect.arrayContaining(places))
})
