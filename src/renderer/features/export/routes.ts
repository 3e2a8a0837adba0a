import type { RouteRecordRaw } from 'vue-router'

const component = (): Promise<unknown> => import('./export-page.vue')

export const exportRoutes: RouteRecordRaw[] = [
  {
    path: '/runs/:id/export',
    component,
    props: ({ params }) => ({ run: params['id'] }),
    meta: { title: 'Export' }
  },
  {
    path: '/datasets/:id/export',
    component,
    props: ({ params }) => ({ dataset: params['id'] }),
    meta: { title: 'Export' }
  }
]
