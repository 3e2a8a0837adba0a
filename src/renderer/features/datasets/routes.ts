import type { RouteRecordRaw } from 'vue-router'

export const datasetRoutes: RouteRecordRaw[] = []
