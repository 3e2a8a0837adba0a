import Aura from '@primeuix/themes/aura'
import { definePreset } from '@primeuix/themes'
import { readonly, ref } from 'vue'

export type Theme = 'light' | 'dark'

/** The component kit's preset with the workbench's colours. */
export const workbenchPreset = definePreset(Aura, {
  semantic: {
    primary: {
      50: '{indigo.50}',
      100: '{indigo.100}',
      200: '{indigo.200}',
      300: '{indigo.300}',
      400: '{indigo.400}',
      500: '{indigo.500}',
      600: '{indigo.600}',
      700: '{indigo.700}',
      800: '{indigo.800}',
      900: '{indigo.900}',
      950: '{indigo.950}'
    },
    colorScheme: {
      // A shade darker than the kit's: white text on it stays above 4.5 : 1.
      light: {
        primary: {
          color: '{primary.600}',
          contrastColor: '#ffffff',
          hoverColor: '{primary.700}',
          activeColor: '{primary.800}'
        }
      }
    }
  },
  // The same on the kit's tinted grounds.
  components: {
    button: {
      colorScheme: {
        light: {
          root: {
            danger: {
              background: '{red.700}',
              borderColor: '{red.700}',
              hoverBackground: '{red.800}',
              hoverBorderColor: '{red.800}',
              activeBackground: '{red.900}',
              activeBorderColor: '{red.900}'
            }
          },
          outlined: { danger: { color: '{red.700}' } }
        }
      }
    },
    message: {
      colorScheme: {
        light: {
          success: { color: '{green.700}' },
          warn: { color: '{yellow.800}' },
          error: { color: '{red.700}' }
        }
      }
    },
    togglebutton: { colorScheme: { light: { root: { color: '{surface.600}' } } } }
  }
})

const KEY = 'theme'
const theme = ref<Theme>('light')
export const currentTheme = readonly(theme)

/** Take the theme chosen last, else the system's. */
export function initialiseTheme(): void {
  const wished = localStorage.getItem(KEY)
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  apply(wished === 'light' || wished === 'dark' ? wished : system)
}

export function switchTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEY, next)
  apply(next)
}

function apply(next: Theme): void {
  theme.value = next
  document.documentElement.classList.toggle('dark', next === 'dark')
  document.documentElement.style.colorScheme = next
}
