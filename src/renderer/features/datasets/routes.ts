import type { RouteRecordRaw } from 'vue-router'

export const datasetRoutes: RouteRecordRaw[] = [
  { path: '/datasets', component: () => import('./datasets-page.vue'), meta: { title: 'Datasets' } },
  { path: '/datasets/import', component: () => import('./import-page.vue'), meta: { title: 'Import' } },
  {
    path: '/datasets/:id',
    component: () => import('./browse-page.vue'),
    props: true,
    meta: { title: 'Dataset' }
  },
  {
    path: '/datasets/:id/trust',
    component: () => import('./trust-page.vue'),
    props: true,
    meta: { title: 'Trust' }
  }
]
