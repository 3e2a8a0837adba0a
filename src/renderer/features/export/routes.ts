import type { RouteRecordRaw } from 'vue-router'

export const exportRoutes: RouteRecordRaw[] = []
