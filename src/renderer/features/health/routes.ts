import type { RouteRecordRaw } from 'vue-router'

export const healthRoutes: RouteRecordRaw[] = [
  {
    path: '/datasets/:id/health',
    component: () => import('./health-page.vue'),
    props: true,
    meta: { title: 'Health' }
  },
  {
    path: '/datasets/:id/versions',
    component: () => import('./versions-page.vue'),
    props: true,
    meta: { title: 'Versions' }
  }
]
