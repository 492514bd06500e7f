/** Unity Catalog's model: catalogs and what is in them, who may do what with it, tags, and policies that read the tags. */
package dev.espalier.control.metastore;
