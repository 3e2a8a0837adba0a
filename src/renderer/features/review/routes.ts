import type { RouteRecordRaw } from 'vue-router'

export const reviewRoutes: RouteRecordRaw[] = [
  { path: '/runs/:id/review', component: () => import('./review-page.vue'), meta: { title: 'Review' } }
]
