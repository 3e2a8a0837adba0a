import type { RouteRecordRaw } from 'vue-router'

export const mapRoutes: RouteRecordRaw[] = [
  {
    path: '/datasets/:id/map',
    component: () => import('./map-page.vue'),
    props: true,
    meta: { title: 'Map' }
  }
]
