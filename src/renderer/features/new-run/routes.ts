import type { RouteRecordRaw } from 'vue-router'

export const newRunRoutes: RouteRecordRaw[] = []
