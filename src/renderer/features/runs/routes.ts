import type { RouteRecordRaw } from 'vue-router'

export const runRoutes: RouteRecordRaw[] = []
