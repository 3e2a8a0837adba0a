import { createRouter, createWebHashHistory } from 'vue-router'
import { bridge, takeInHand } from '@renderer/client'
import { aboutRoutes } from '@renderer/features/about/routes'
import { binRoutes } from '@renderer/features/bin/routes'
import { datasetRoutes } from '@renderer/features/datasets/routes'
import { exportRoutes } from '@renderer/features/export/routes'
import { findingRoutes } from '@renderer/features/findings/routes'
import { healthRoutes } from '@renderer/features/health/routes'
import { mapRoutes } from '@renderer/features/map/routes'
import { newRunRoutes } from '@renderer/features/new-run/routes'
import { reviewRoutes } from '@renderer/features/review/routes'
import { runRoutes } from '@renderer/features/runs/routes'
import { systemRoutes } from '@renderer/features/system/routes'

/** Hash history: the same page works from a file, where the desktop window loads it. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/datasets' },
    ...datasetRoutes,
    ...findingRoutes,
    ...mapRoutes,
    ...healthRoutes,
    ...newRunRoutes,
    ...runRoutes,
    ...reviewRoutes,
    ...exportRoutes,
    ...binRoutes,
    ...systemRoutes,
    ...aboutRoutes,
    { path: '/:rest(.*)*', redirect: '/datasets' }
  ]
})

router.afterEach(({ meta, path, params }) => {
  if (path.startsWith('/datasets/') && typeof params['id'] === 'string') takeInHand(params['id'])
  document.title =
    typeof meta['title'] === 'string' ? `${meta['title']} · Bilevel Workbench` : 'Bilevel Workbench'
})

/** The router hears of other addresses only once its first page is there: one that comes before is gone to then. */
let early: string | undefined
const hear = (): void => void (early = location.hash.slice(1))
addEventListener('hashchange', hear)
void router
  .isReady()
  .catch(() => undefined)
  .then(() => {
    removeEventListener('hashchange', hear)
    if (early !== undefined) void router.push(early)
  })

bridge()?.onNavigate((route) => void router.push(route))
