import { Button, createTheme, type MantineColorsTuple, TextInput, Textarea } from '@mantine/core'

/** Names only: the values are custom properties in `tokens.css`, which differ between the two areas and between light and dark. */
const brand = Array.from(
  { length: 10 },
  (_, shade) => `var(--mantine-color-brand-${shade})`,
) as unknown as MantineColorsTuple

export const theme = createTheme({
  primaryColor: 'brand',
  colors: { brand },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'md' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'md' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'md' } }),
  },
})
