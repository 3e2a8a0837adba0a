import type { RouteRecordRaw } from 'vue-router'

export const systemRoutes: RouteRecordRaw[] = [
  { path: '/system', component: () => import('./system-page.vue'), meta: { title: 'This machine' } }
]
