import type { RouteRecordRaw } from 'vue-router'

export const newRunRoutes: RouteRecordRaw[] = [
  {
    path: '/new-run',
    component: () => import('./new-run-page.vue'),
    meta: { title: 'New run', isOfQuery: true }
  }
]
