import type { RouteRecordRaw } from 'vue-router'

export const binRoutes: RouteRecordRaw[] = [
  { path: '/bin', component: () => import('./bin-page.vue'), meta: { title: 'Bin' } }
]
