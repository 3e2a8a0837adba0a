import type { RouteRecordRaw } from 'vue-router'

export const healthRoutes: RouteRecordRaw[] = [
  {
    path: '/datasets/:id/health',
    component: () => import('./health-page.vue'),
    props: true,
    meta: { title: 'Health' }
  }
]
