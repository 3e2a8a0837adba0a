import * as z from 'zod'

/** Where runs are trained besides this machine: a Slurm cluster, here or behind a login node. */
export const place = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'takes small letters, digits and dashes')
    .refine((name) => name !== 'here', 'is "here", which is this machine'),
  /** As ssh knows it (`gpu.example.org`, a Host of the user's configuration); null: Slurm's commands run here. */
  login: z
    .string()
    .regex(/^[^\s-][^\s]*$/, 'is no name that ssh takes')
    .nullable(),
  /** A folder that all nodes see, absolute: data by content, and a folder for each run. */
  folder: z
    .string()
    .regex(/^\//, 'is no absolute path')
    // Slurm takes a backslash for an escape, whatever is around it.
    .regex(/^[^\n\r\0\\]*$/, 'has a backslash or a line break, which Slurm cannot use'),
  /** The command there. */
  command: z
    .string()
    .min(1)
    .regex(/^[^\n\0]*$/, 'is more than a line'),
  partition: z
    .string()
    .regex(/^[\w.,-]+$/, 'is no name of a partition')
    .nullable(),
  /** Generic resources, such as `gpu:1`. */
  gres: z
    .string()
    .regex(/^[\w:.,=-]+$/, 'is no list such as gpu:1')
    .nullable(),
  /** Of one job, as Slurm writes it: `2:00:00`. What takes longer goes on in another job. */
  time: z
    .string()
    .regex(/^[\d:-]+$/, 'is no time such as 2:00:00')
    .nullable(),
  /** Further options of sbatch, such as `--account=lab`. */
  options: z.array(z.string().regex(/^--[^\s'"\\]+$/, 'is no option as sbatch takes them')).default([])
})
export type Place = z.infer<typeof place>
