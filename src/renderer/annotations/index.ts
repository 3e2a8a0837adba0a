// Tags, notes and questions on the examples of a dataset, wherever a page shows them.
export { useAnnotations } from './dataset-annotations'
export type { DatasetAnnotations } from './dataset-annotations'
export { default as ExampleNotes } from './example-notes.vue'
export { default as FindField } from './find-field.vue'
export { default as TagMany } from './tag-many.vue'
