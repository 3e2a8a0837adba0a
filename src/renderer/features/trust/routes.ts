import type { RouteRecordRaw } from 'vue-router'

export const trustRoutes: RouteRecordRaw[] = []
