import type { RouteRecordRaw } from 'vue-router'

export const findingRoutes: RouteRecordRaw[] = [
  {
    path: '/datasets/:id/findings',
    component: () => import('./findings-page.vue'),
    props: true,
    meta: { title: 'Problems' }
  }
]
