import type { RouteRecordRaw } from 'vue-router'

export const runRoutes: RouteRecordRaw[] = [
  { path: '/runs', component: () => import('./runs-page.vue'), meta: { title: 'Runs' } },
  {
    path: '/runs/compare',
    component: () => import('./compare-page.vue'),
    meta: { title: 'Compare', isOfQuery: true }
  },
  {
    path: '/runs/race',
    component: () => import('./race-page.vue'),
    meta: { title: 'Race', isOfQuery: true }
  },
  {
    path: '/sweeps/:id',
    component: () => import('./sweep-page.vue'),
    props: true,
    meta: { title: 'Sweep' }
  },
  { path: '/runs/:id', component: () => import('./run-page.vue'), props: true, meta: { title: 'Run' } }
]
