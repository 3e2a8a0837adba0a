import { createPinia } from 'pinia'
import PrimeVue from 'primevue/config'
import ConfirmationService from 'primevue/confirmationservice'
import ToastService from 'primevue/toastservice'
import Tooltip from 'primevue/tooltip'
import 'primeicons/primeicons.css'
import { createApp } from 'vue'
import { connect } from '@renderer/client'
import '@renderer/ui/base.css'
import { OPEN_LISTS } from '@renderer/ui/open-lists'
import { initialiseTheme, workbenchPreset } from '@renderer/ui/theme'
import App from './app.vue'
import { router } from './router'

initialiseTheme()
connect()
createApp(App)
  .use(createPinia())
  .use(router)
  .use(PrimeVue, {
    theme: { preset: workbenchPreset, options: { darkModeSelector: '.dark' } },
    pt: OPEN_LISTS
  })
  .use(ToastService)
  .use(ConfirmationService)
  .directive('tooltip', Tooltip)
  .mount('#app')
