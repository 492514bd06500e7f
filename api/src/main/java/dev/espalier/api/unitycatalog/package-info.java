/** The methods of Unity Catalog's API: catalogs and what lies in them, grants, tags and policies, in its shapes. */
package dev.espalier.api.unitycatalog;
